// PyTorch's autograd, step by step. Every tensor below prints as PyTorch prints it.
//
//     npx tsx examples/notebook.ts

import { noGrad, sigmoid, sin, sub, type Tensor, tensor } from "tapegrad";

function heading(title: string): void {
  console.log(`\n${title}\n${"-".repeat(title.length)}`);
}

/** What `read` returns, and the warnings it gave on the way. */
function withWarnings<T>(read: () => T): [T, string[]] {
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (message: unknown) => warnings.push(String(message));
  try {
    return [read(), warnings];
  } finally {
    console.warn = warn;
  }
}

function binaryCrossEntropy(prediction: Tensor, target: Tensor): Tensor {
  const epsilon = 1e-8;
  const p = prediction.clamp(epsilon, 1 - epsilon);
  return target
    .mul(p.log())
    .add(sub(1, target).mul(sub(1, p).log()))
    .neg();
}

console.log("Automatic differentiation, step by step");

heading("1. A derivative");
{
  const x = tensor(3, { requiresGrad: true });
  console.log(x);
  console.log("A tensor that requires a gradient. What is computed from it remembers how; y = x ** 2:");
  const y = x.pow(2);
  console.log(y);
  console.log("y.backward() follows the way back to x. The derivative of x ** 2 is 2x:");
  y.backward();
  console.log(x.grad);
}

heading("2. The chain rule");
{
  console.log("z = sin(y) with y = x ** 2, at x = 4:");
  const x = tensor(4, { requiresGrad: true });
  const y = x.pow(2);
  const z = sin(y);
  console.log(x);
  console.log(y);
  console.log(z);
  console.log("One call gives dz/dx:");
  z.backward();
  console.log(x.grad);
  console.log("By hand it is 2x cos(x ** 2):");
  console.log((2 * 4 * Math.cos(4 ** 2)).toFixed(4));

  heading("3. Gradients stay with the leaves");
  console.log("x was made by us, y by an operation. The gradient passed through y, but was not kept there:");
  const [grad, warnings] = withWarnings(() => y.grad);
  console.log(grad);
  console.log("Asking for it gave a warning:");
  for (const warning of warnings) console.log(`${warning.split(". ")[0]}.`);
}
{
  console.log("y.retainGrad(), called before backward(), keeps it; it is cos(y):");
  const x = tensor(4, { requiresGrad: true });
  const y = x.pow(2);
  y.retainGrad();
  sin(y).backward();
  console.log(y.grad);
}

heading("4. A single perceptron");
{
  const x = tensor(6.7);
  const y = tensor(0);
  const w = tensor(1, { requiresGrad: true });
  const b = tensor(0, { requiresGrad: true });
  console.log("Input and target:");
  console.log(x);
  console.log(y);
  console.log("Weight and bias:");
  console.log(w);
  console.log(b);
  const z = w.mul(x).add(b);
  console.log("z = w * x + b:");
  console.log(z);
  const prediction = sigmoid(z);
  console.log("The prediction, sigmoid(z):");
  console.log(prediction);
  const loss = binaryCrossEntropy(prediction, y);
  console.log("The loss, binary cross-entropy:");
  console.log(loss);
  loss.backward();
  console.log("After loss.backward(), w.grad and b.grad:");
  console.log(w.grad);
  console.log(b.grad);
  console.log("The chain rule by hand, dL/dp * dp/dz * dz/dw and dL/dp * dp/dz * dz/db:");
  const p = prediction.detach();
  const lossByPrediction = p.sub(y).div(p.mul(sub(1, p)));
  const predictionByZ = p.mul(sub(1, p));
  console.log(lossByPrediction.mul(predictionByZ).mul(x).item());
  console.log(lossByPrediction.mul(predictionByZ).item());
}

heading("5. Vectors");
{
  const x = tensor([1, 2, 3], { requiresGrad: true });
  console.log(x);
  const y = x.pow(2).mean();
  console.log("The mean of its squares:");
  console.log(y);
  y.backward();
  console.log("Its gradient, 2x / 3:");
  console.log(x.grad);
}

heading("6. Gradients accumulate");
{
  const x = tensor(2, { requiresGrad: true });
  for (let pass = 0; pass < 3; pass++) {
    x.pow(2).backward();
    console.log(x.grad);
  }
  console.log("Each backward() added 2x = 4 to x.grad. x.grad.zero_() starts afresh:");
  console.log(x.grad?.zero_());
  x.pow(2).backward();
  console.log(x.grad);
}

heading("7. Three ways to stop tracking");
{
  const x = tensor(2, { requiresGrad: true });
  console.log(x);
  console.log(x.pow(2));
  console.log("detach() gives the same value outside the graph:");
  const z = x.detach();
  console.log(z);
  console.log(z.pow(2));
  console.log("Inside noGrad nothing is recorded:");
  console.log(noGrad(() => x.pow(2)));
  console.log("requiresGrad_(false) turns it off for good:");
  x.requiresGrad_(false);
  console.log(x);
  const y = x.pow(2);
  console.log(y);
  console.log("And there is no way back:");
  try {
    y.backward();
  } catch (error) {
    console.log((error as Error).message);
  }
}

heading("8. Learning");
{
  console.log("The perceptron again, now taking steps against its gradient; weight and loss:");
  const x = tensor(6.7);
  const y = tensor(0);
  const w = tensor(1, { requiresGrad: true });
  const b = tensor(0, { requiresGrad: true });
  for (let step = 0; step < 5; step++) {
    const loss = binaryCrossEntropy(sigmoid(w.mul(x).add(b)), y);
    loss.backward();
    console.log(`${step}: ${w.item().toFixed(4)} ${loss.item().toFixed(4)}`);
    for (const parameter of [w, b]) {
      const grad = parameter.grad as Tensor;
      noGrad(() => parameter.sub_(grad.mul(0.05)));
      grad.zero_();
    }
  }
}
