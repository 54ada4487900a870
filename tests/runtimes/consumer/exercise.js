/** What a user does first: a gradient, and some steps of training. Throws if either is wrong. */
export function exercise({ manualSeed, nn, optim, tensor }) {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  const y = x.mul(x).sum();
  y.backward();
  expect("x² summed", y.item(), 14);
  expect("its gradient", x.grad.tolist().join(), "2,4,6");

  // No seed is needed, also where a platform gives no entropy to modules that are being evaluated.
  new nn.Linear(2, 1);

  manualSeed(0);
  const model = new nn.Linear(2, 1);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.3 });
  const input = tensor([
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
  const target = tensor([[2], [-1], [1]]);
  const losses = [];
  for (let step = 0; step < 200; step++) {
    const loss = nn.functional.mseLoss(model(input), target);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  if (!(losses[0] > 0.1 && losses[199] < 1e-3)) throw new Error(`training: ${losses[0]} became ${losses[199]}`);
}

function expect(what, actual, wanted) {
  if (actual !== wanted) throw new Error(`${what}: got ${actual}, expected ${wanted}`);
}
