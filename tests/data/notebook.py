"""Writes what examples/notebook.ts must print: the same program in PyTorch, with the same words around it.

    python3 notebook.py > notebook.txt              # the committed text (PyTorch 1.13)
"""

import math
import warnings

import torch


def heading(title):
    print(f"\n{title}\n{'-' * len(title)}")


print("Automatic differentiation, step by step")

heading("1. A derivative")
x = torch.tensor(3.0, requires_grad=True)
print(x)
print("A tensor that requires a gradient. What is computed from it remembers how; y = x ** 2:")
y = x**2
print(y)
print("y.backward() follows the way back to x. The derivative of x ** 2 is 2x:")
y.backward()
print(x.grad)

heading("2. The chain rule")
print("z = sin(y) with y = x ** 2, at x = 4:")
x = torch.tensor(4.0, requires_grad=True)
y = x**2
z = torch.sin(y)
print(x)
print(y)
print(z)
print("One call gives dz/dx:")
z.backward()
print(x.grad)
print("By hand it is 2x cos(x ** 2):")
print(f"{2 * 4 * math.cos(4 ** 2):.4f}")

heading("3. Gradients stay with the leaves")
print("x was made by us, y by an operation. The gradient passed through y, but was not kept there:")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert y.grad is None
print("null")
print("Asking for it gave a warning:")
for warning in caught:
    print(str(warning.message).split(". ")[0] + ".")
print("y.retainGrad(), called before backward(), keeps it; it is cos(y):")
x = torch.tensor(4.0, requires_grad=True)
y = x**2
y.retain_grad()
torch.sin(y).backward()
print(y.grad)

heading("4. A single perceptron")
x = torch.tensor(6.7)
y = torch.tensor(0.0)
w = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)


def binary_cross_entropy(prediction, target):
    epsilon = 1e-8
    p = torch.clamp(prediction, epsilon, 1 - epsilon)
    return -(target * torch.log(p) + (1 - target) * torch.log(1 - p))


print("Input and target:")
print(x)
print(y)
print("Weight and bias:")
print(w)
print(b)
z = w * x + b
print("z = w * x + b:")
print(z)
y_pred = torch.sigmoid(z)
print("The prediction, sigmoid(z):")
print(y_pred)
loss = binary_cross_entropy(y_pred, y)
print("The loss, binary cross-entropy:")
print(loss)
loss.backward()
print("After loss.backward(), w.grad and b.grad:")
print(w.grad)
print(b.grad)
print("The chain rule by hand, dL/dp * dp/dz * dz/dw and dL/dp * dp/dz * dz/db:")
p = y_pred.detach()
dl_dp = (p - y) / (p * (1 - p))
dp_dz = p * (1 - p)
print((dl_dp * dp_dz * x).item())
print((dl_dp * dp_dz).item())

heading("5. Vectors")
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
print(x)
y = (x**2).mean()
print("The mean of its squares:")
print(y)
y.backward()
print("Its gradient, 2x / 3:")
print(x.grad)

heading("6. Gradients accumulate")
x = torch.tensor(2.0, requires_grad=True)
for _ in range(3):
    (x**2).backward()
    print(x.grad)
print("Each backward() added 2x = 4 to x.grad. x.grad.zero_() starts afresh:")
print(x.grad.zero_())
(x**2).backward()
print(x.grad)

heading("7. Three ways to stop tracking")
x = torch.tensor(2.0, requires_grad=True)
y = x**2
print(x)
print(y)
print("detach() gives the same value outside the graph:")
z = x.detach()
print(z)
print(z**2)
print("Inside noGrad nothing is recorded:")
with torch.no_grad():
    y = x**2
print(y)
print("requiresGrad_(false) turns it off for good:")
x.requires_grad_(False)
print(x)
y = x**2
print(y)
print("And there is no way back:")
try:
    y.backward()
except RuntimeError as error:
    print(error)

heading("8. Learning")
print("The perceptron again, now taking steps against its gradient; weight and loss:")
x = torch.tensor(6.7)
y = torch.tensor(0.0)
w = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)
for step in range(5):
    loss = binary_cross_entropy(torch.sigmoid(w * x + b), y)
    loss.backward()
    print(f"{step}: {w.item():.4f} {loss.item():.4f}")
    with torch.no_grad():
        w -= 0.05 * w.grad
        b -= 0.05 * b.grad
    w.grad.zero_()
    b.grad.zero_()
