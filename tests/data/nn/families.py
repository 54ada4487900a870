"""The cases of cases.py, by family: what PyTorch's own operator samples leave out."""

from dataclasses import dataclass, field


@dataclass
class Tensor:
    shape: list
    phase: int = 1
    scale: float = 1.0
    offset: float = 0.0
    requires_grad: bool = True


@dataclass
class Ints:
    shape: list
    data: list


@dataclass
class Case:
    name: str
    function: str
    args: list
    options: dict = field(default_factory=dict)
    # False where PyTorch has no second derivative.
    second: bool = True


def conv(name, function, x, w, b=None, **options):
    """Input, weight and bias of these shapes."""
    args = [Tensor(x, 1), Tensor(w, 2)] + ([Tensor([b], 3)] if b else [])
    return Case(name, function, args, options)


CONV = [
    conv("one dimension, stride and padding", "conv1d", [2, 3, 9], [4, 3, 3], 4, stride=2, padding=2),
    conv("one dimension without a batch", "conv1d", [3, 9], [4, 3, 3], 4),
    conv("a kernel as large as the image", "conv2d", [2, 3, 4, 4], [2, 3, 4, 4], 2),
    conv("three by three, padded", "conv2d", [2, 2, 5, 6], [3, 2, 3, 3], 3, padding=1),
    conv("stride, padding and dilation of each dimension", "conv2d", [1, 2, 6, 7], [2, 2, 3, 2], 2, stride=[2, 3], padding=[2, 1], dilation=[1, 2]),
    conv("as many groups as channels", "conv2d", [1, 4, 5, 5], [8, 1, 3, 3], 8, groups=4, padding=1),
    conv("two groups", "conv2d", [2, 4, 4, 4], [6, 2, 2, 2], None, groups=2),
    conv("pointwise", "conv2d", [2, 3, 4, 4], [5, 3, 1, 1], 5),
    conv("more filters than are convolved directly", "conv2d", [1, 2, 5, 5], [18, 2, 3, 3], 18),
    conv("a single row", "conv2d", [2, 2, 1, 8], [2, 2, 1, 3], 2, padding=[0, 1]),
    conv("same, with an even kernel", "conv2d", [1, 2, 5, 6], [2, 2, 2, 4], 2, padding="same"),
    conv("same, dilated", "conv1d", [1, 2, 9], [2, 2, 4], None, padding="same", dilation=3),
    conv("valid", "conv2d", [1, 2, 5, 6], [2, 2, 2, 4], 2, padding="valid"),
    conv("three dimensions", "conv3d", [1, 2, 3, 4, 3], [2, 2, 2, 3, 2], 2, stride=[1, 2, 1], padding=[1, 0, 1]),
    conv("three dimensions, groups and dilation", "conv3d", [1, 2, 3, 4, 3], [2, 1, 2, 2, 2], None, groups=2, dilation=[2, 1, 2]),
    conv("transposed, one dimension", "conv_transpose1d", [2, 3, 5], [3, 2, 3], 2, stride=2, padding=1, output_padding=1),
    conv("transposed, stride", "conv_transpose2d", [2, 3, 3, 4], [3, 2, 3, 2], 2, stride=[2, 3], padding=[1, 0]),
    conv("transposed, groups and dilation", "conv_transpose2d", [1, 4, 3, 3], [4, 1, 2, 2], 2, groups=2, dilation=2),
    conv("transposed, output padding beyond the stride", "conv_transpose2d", [1, 2, 3, 3], [2, 2, 2, 2], 2, output_padding=[1, 2], stride=[1, 2], dilation=[2, 3], padding=1),
    conv("transposed, without a batch", "conv_transpose2d", [2, 3, 3], [2, 2, 2, 2], 2),
    conv("transposed, three dimensions", "conv_transpose3d", [1, 2, 2, 3, 2], [2, 2, 2, 2, 2], 2, stride=[2, 1, 2], output_padding=[1, 0, 0]),
]


def pool(name, function, x, *args, **options):
    return Case(name, function, [Tensor(x), *args], options)


POOLING = [
    pool("one dimension", "max_pool1d", [2, 3, 9], 3, 2, 1),
    pool("two by two", "max_pool2d", [1, 2, 4, 8], 2),
    pool("two by two without a batch", "max_pool2d", [2, 6, 8], 2),
    pool("positions, overlapping windows", "max_pool2d", [1, 2, 5, 7], 3, stride=1, padding=1, return_indices=True),
    pool("dilated", "max_pool2d", [1, 2, 7, 7], 2, stride=2, padding=1, dilation=[2, 3]),
    pool("a last window that begins inside", "max_pool2d", [1, 1, 6, 7], 3, stride=2, ceil_mode=True),
    pool("a last window that would begin outside", "max_pool2d", [1, 1, 3, 3], 2, stride=2, padding=1, ceil_mode=True),
    pool("three dimensions", "max_pool3d", [1, 2, 4, 5, 4], [2, 3, 2], stride=[2, 1, 2], return_indices=True),
    pool("means of one dimension", "avg_pool1d", [2, 3, 9], 3, 2, 1),
    pool("means", "avg_pool2d", [2, 2, 5, 7], [2, 3], stride=[2, 1]),
    pool("means, padding counts", "avg_pool2d", [1, 2, 5, 5], 3, stride=2, padding=1),
    pool("means, padding does not count", "avg_pool2d", [1, 2, 5, 5], 3, stride=2, padding=1, count_include_pad=False),
    pool("means, ceil mode", "avg_pool2d", [1, 1, 6, 6], 3, stride=2, padding=1, ceil_mode=True),
    pool("means with a divisor", "avg_pool2d", [1, 1, 4, 4], 2, divisor_override=3),
    pool("means of three dimensions", "avg_pool3d", [1, 2, 4, 4, 5], 2, stride=[2, 1, 2], padding=[1, 0, 1]),
    pool("means to a size that divides", "adaptive_avg_pool2d", [1, 2, 6, 8], [3, 2]),
    pool("means to a size that does not", "adaptive_avg_pool2d", [2, 2, 5, 7], [3, 4]),
    pool("means to a larger size", "adaptive_avg_pool1d", [1, 2, 3], 5),
    pool("means to a size, one dimension kept", "adaptive_avg_pool3d", [1, 1, 4, 3, 5], [3, None, 2]),
    pool("maxima to a size that does not divide", "adaptive_max_pool2d", [2, 2, 5, 7], [3, 4], return_indices=True),
    pool("maxima to a size that divides", "adaptive_max_pool2d", [1, 2, 6, 8], [3, 2], return_indices=True),
    pool("maxima to a size, three dimensions", "adaptive_max_pool3d", [1, 1, 3, 4, 5], [2, 3, 2], return_indices=True),
    pool("norms", "lp_pool2d", [1, 2, 4, 6], 2.0, [2, 3]),
    pool("norms of one dimension", "lp_pool1d", [2, 2, 7], 4.0, 3, stride=2),
    Case("back to the positions", "max_unpool2d", [Tensor([1, 1, 2, 2]), Ints([1, 1, 2, 2], [5, 2, 9, 15]), 2]),
    Case("back to a size of its own", "max_unpool1d", [Tensor([2, 3]), Ints([2, 3], [1, 2, 6, 0, 3, 5]), 2], {"output_size": [7]}),
]


def norm(name, function, x, *args, **options):
    """The weights that normalisations take by name, and shapes for them. PyTorch 1.13 wants both for a second derivative."""
    shapes = {k: Tensor(v, 5 + i, 1.0, 0.0) for i, (k, v) in enumerate(options.items()) if k in ("weight", "bias")}
    return Case(name, function, [Tensor(x, 1, 2.0, 0.5), *args], {**options, **shapes}, "bias" not in shapes or "weight" in shapes)


def running(channels):
    return [Tensor([channels], 7, 1.0, 0.0, False), Tensor([channels], 8, 0.5, 1.0, False)]


NORMALIZATION = [
    norm("rows", "layer_norm", [3, 5], [5], weight=[5], bias=[5]),
    norm("rows without parameters", "layer_norm", [3, 5], [5]),
    norm("rows with a weight only", "layer_norm", [2, 3, 4], [4], weight=[4], eps=0.1),
    norm("rows with a bias only", "layer_norm", [2, 3, 4], [4], bias=[4]),
    norm("the last two dimensions", "layer_norm", [2, 3, 4], [3, 4], weight=[3, 4], bias=[3, 4]),
    norm("all dimensions, sizes of one among them", "layer_norm", [1, 3, 1], [1, 3, 1], weight=[1, 3, 1], bias=[1, 3, 1]),
    norm("columns of a batch", "batch_norm", [5, 3], None, None, weight=[3], bias=[3], training=True),
    norm("channels of images", "batch_norm", [2, 3, 4, 3], None, None, weight=[3], bias=[3], training=True, eps=0.01),
    norm("channels without parameters", "batch_norm", [2, 5, 3], None, None, training=True),
    norm("channels with a bias only", "batch_norm", [3, 2, 2], None, None, bias=[2], training=True),
    norm("running statistics", "batch_norm", [2, 3, 2, 2], *running(3), weight=[3], bias=[3]),
    Case("running statistics without parameters", "batch_norm", [Tensor([4, 3]), *running(3)], second=False),
    norm("groups of channels", "group_norm", [2, 4, 3, 2], 2, weight=[4], bias=[4]),
    norm("each channel a group, no spatial dimension", "group_norm", [3, 6], 2),
    norm("images", "instance_norm", [2, 3, 4], weight=[3], bias=[3]),
    Case("images by running statistics", "instance_norm", [Tensor([2, 3, 4]), *running(3)], {"use_input_stats": False}, second=False),
    norm("neighbouring channels", "local_response_norm", [2, 5, 3], 3, alpha=0.5),
    norm("neighbouring channels of images", "local_response_norm", [1, 4, 2, 3], 2, alpha=0.1, beta=0.5, k=2.0),
]


def pointwise(function, *args, shape=(2, 3), scale=3.0, **options):
    return Case(", ".join(map(str, args)) or "as it is", function, [Tensor(list(shape), 4, scale), *args], options)


ACTIVATIONS = [
    *(pointwise(name) for name in ("softsign", "hardshrink", "softshrink", "tanhshrink", "rrelu", "logsigmoid", "selu", "mish", "silu", "hardswish", "relu6", "gelu", "softplus")),
    pointwise("threshold", 0.5, -2.0),
    pointwise("celu", 2.0),
    pointwise("elu", 0.5),
    pointwise("softplus", 2.0, 3.0),
    pointwise("hardtanh", -1.5, 0.5),
    pointwise("leaky_relu", 0.3),
    pointwise("gelu", approximate="tanh"),
    pointwise("glu", 0, shape=[4, 3]),
    pointwise("glu", shape=[2, 3, 4]),
    Case("one slope", "prelu", [Tensor([2, 3, 2], 1, 2.0), Tensor([1], 2)]),
    Case("a slope for each channel", "prelu", [Tensor([2, 3, 2], 1, 2.0), Tensor([3], 2)]),
]



def signs(shape, phase):
    """1 and -1, as the formula of the inputs has them."""
    count = 1
    for size in shape:
        count *= size
    return Ints(shape, [1 if (7919 * i + 104729 * phase) % 2003 > 1001 else -1 for i in range(count)])


def pair(name, function, *args, shape=(3, 4), second=True, **options):
    return Case(name, function, [Tensor(list(shape), 1, 2.0), *args], options, second)


def other(shape, phase, scale=2.0, offset=0.0):
    return Tensor(list(shape), phase, scale, offset)


LOSSES = [
    *(pair(reduction, "huber_loss", other([3, 4], 2), delta=0.75, reduction=reduction) for reduction in ("none", "mean", "sum")),
    *(pair(reduction, "smooth_l1_loss", other([3, 4], 2), beta=0.5, reduction=reduction) for reduction in ("none", "mean", "sum")),
    pair("beta of zero", "smooth_l1_loss", other([3, 4], 2), beta=0.0),
    *(pair(reduction, "kl_div", other([3, 4], 2, 0.4, 0.6), reduction=reduction) for reduction in ("none", "sum", "batchmean")),
    pair("targets as logarithms", "kl_div", other([3, 4], 2), reduction="batchmean", log_target=True),
    pair("logarithms of rates", "poisson_nll_loss", other([3, 4], 2, 2.0, 2.5), full=True),
    Case("rates", "poisson_nll_loss", [Tensor([3, 4], 1, 0.9, 1.0), Tensor([3, 4], 2, 2.0, 2.5)], {"log_input": False, "eps": 0.01}),
    pair("a variance for each element", "gaussian_nll_loss", other([3, 4], 2), other([3, 4], 3, 0.9, 1.0), full=True),
    pair("a variance for each row", "gaussian_nll_loss", other([3, 4], 2), other([3], 3, 0.9, 1.0), reduction="none"),
    pair("small variances count as eps", "gaussian_nll_loss", other([3, 4], 2), other([3, 4], 3, 0.5, 0.6), eps=0.5),
    pair("distances", "hinge_embedding_loss", signs([3, 4], 2), margin=0.5, reduction="none"),
    pair("pairs", "margin_ranking_loss", other([3, 4], 2), signs([3, 4], 3), margin=0.5),
    pair("signs", "soft_margin_loss", signs([3, 4], 2), reduction="none"),
    pair("classes", "multi_margin_loss", Ints([3], [3, 0, 2]), second=False),
    pair("classes, squared and weighted", "multi_margin_loss", Ints([3], [3, 0, 2]), p=2, margin=0.5, weight=Tensor([4], 5, 0.4, 0.6, False), reduction="none", second=False),
    pair("one row", "multi_margin_loss", Ints([], [1]), shape=[4], second=False),
    pair("several right classes", "multilabel_margin_loss", Ints([3, 4], [3, 0, -1, 1, -1, 2, 2, 2, 0, 1, 2, 3]), reduction="none", second=False),
    pair("one row of right classes", "multilabel_margin_loss", Ints([4], [2, 1, -1, 0]), shape=[4], second=False),
    pair("each class by itself", "multilabel_soft_margin_loss", Tensor([3, 4], 2, 0.5, 0.5, False), weight=Tensor([4], 5, 0.4, 0.6, False)),
    pair("angles", "cosine_embedding_loss", other([3, 4], 2), signs([3], 4), margin=0.1, reduction="none"),
    pair("one angle", "cosine_embedding_loss", other([4], 2), Ints([], [1]), shape=[4]),
    pair("three points", "triplet_margin_loss", other([3, 4], 2), other([3, 4], 3), margin=2.0, reduction="none"),
    pair("three points, swapped", "triplet_margin_loss", other([3, 4], 2), other([3, 4], 3), margin=2.0, p=3.0, swap=True),
    *(
        Case(f"texts, {reduction}", "ctc_loss", [Tensor([6, 3, 4], 1, 0.5, -1.5), Ints([3, 3], [1, 2, 2, 3, 1, 1, 2, 1, 3]), Ints([3], [6, 5, 4]), Ints([3], [3, 2, 0])], {"reduction": reduction}, False)
        for reduction in ("none", "mean", "sum")
    ),
    Case("texts one behind the other, another blank", "ctc_loss", [Tensor([5, 2, 4], 1, 0.5, -1.5), Ints([3], [1, 2, 0]), Ints([2], [5, 4]), Ints([2], [2, 1])], {"blank": 3}, False),
    Case("a text that does not fit", "ctc_loss", [Tensor([3, 2, 4], 1, 0.5, -1.5), Ints([2, 3], [1, 1, 2, 1, 2, 3]), Ints([2], [3, 3]), Ints([2], [3, 3])], {"zero_infinity": True, "reduction": "none"}, False),
]


def image(name, function, x, *args, second=True, **options):
    return Case(name, function, [Tensor(x), *args], options, second)


VISION = [
    image("nearest, to a size", "interpolate", [1, 2, 3, 4], size=[5, 3]),
    image("nearest, by a factor", "interpolate", [1, 2, 5], scale_factor=1.7),
    image("nearest, exact", "interpolate", [1, 1, 4, 5], size=[6, 3], mode="nearest-exact"),
    image("linear", "interpolate", [1, 2, 5], size=8, mode="linear"),
    image("linear, corners aligned", "interpolate", [1, 2, 5], size=8, mode="linear", align_corners=True),
    image("bilinear, by factors", "interpolate", [1, 2, 3, 4], scale_factor=[2.0, 0.6], mode="bilinear"),
    image("bilinear, factors recomputed", "interpolate", [1, 1, 5, 5], scale_factor=1.3, mode="bilinear", recompute_scale_factor=True),
    image("bilinear, smoothed", "interpolate", [1, 1, 7, 6], size=[3, 8], mode="bilinear", antialias=True),
    image("bicubic", "interpolate", [1, 1, 4, 5], size=[6, 3], mode="bicubic"),
    image("bicubic, corners aligned", "interpolate", [1, 1, 4, 5], size=[6, 3], mode="bicubic", align_corners=True),
    image("bicubic, smoothed", "interpolate", [1, 1, 9, 4], size=[4, 6], mode="bicubic", antialias=True),
    image("trilinear", "interpolate", [1, 1, 2, 3, 3], size=[3, 2, 4], mode="trilinear"),
    image("area", "interpolate", [1, 1, 5, 6], size=[2, 4], mode="area"),
    *(
        image(f"{mode}, {padding}, aligned {aligned}", "grid_sample", [2, 2, 3, 4], Tensor([2, 2, 3, 2], 6, 1.6), mode=mode, padding_mode=padding, align_corners=aligned, second=False)
        for mode in ("bilinear", "nearest", "bicubic")
        for padding in ("zeros", "border", "reflection")
        for aligned in (False, True)
    ),
    image("volumes", "grid_sample", [1, 2, 2, 3, 3], Tensor([1, 2, 2, 1, 3], 6, 1.4), align_corners=False, second=False),
    image("volumes, nearest", "grid_sample", [1, 2, 2, 3, 3], Tensor([1, 2, 2, 1, 3], 6, 1.4), mode="nearest", padding_mode="border", align_corners=True, second=False),
    image("places of images", "affine_grid", [2, 2, 3], [2, 1, 3, 4], align_corners=False),
    image("places of images, corners aligned", "affine_grid", [2, 2, 3], [2, 1, 3, 1], align_corners=True),
    image("places of volumes", "affine_grid", [1, 3, 4], [1, 1, 2, 3, 2], align_corners=False),
    image("patches", "unfold", [2, 2, 4, 5], 2, 1, 0, 1),
    image("patches of each dimension", "unfold", [1, 2, 5, 6], [2, 3], dilation=[2, 1], padding=[1, 2], stride=[2, 1]),
    image("patches without a batch", "unfold", [2, 4, 4], 2, stride=2),
    image("patches laid together", "fold", [1, 8, 12], [4, 5], 2),
    image("patches laid together, padded", "fold", [1, 12, 18], [5, 6], [2, 3], dilation=[2, 1], padding=[1, 1], stride=[2, 1]),
    image("patches laid together without a batch", "fold", [4, 4], [4, 4], 2, stride=2),
]

TABLE = Tensor([5, 3], 2)

EMBEDDING = [
    Case("rows", "embedding", [Ints([2, 3], [1, 4, 1, 0, 2, 1]), TABLE]),
    Case("a padding row", "embedding", [Ints([4], [1, 4, 1, 0]), TABLE], {"padding_idx": 1}),
    Case("a padding row from the end", "embedding", [Ints([4], [1, 4, 1, 0]), TABLE], {"padding_idx": -1}),
    Case("by frequency", "embedding", [Ints([4], [1, 4, 1, 0]), TABLE], {"scale_grad_by_freq": True}, False),
    *(
        Case(f"bags of one size, {mode}", "embedding_bag", [Ints([2, 3], [1, 4, 1, 0, 2, 1]), TABLE], {"mode": mode}, False)
        for mode in ("sum", "mean", "max")
    ),
    *(
        Case(f"bags and an empty one, {mode}", "embedding_bag", [Ints([6], [1, 4, 1, 0, 2, 1]), TABLE, Ints([4], [0, 2, 2, 5])], {"mode": mode}, False)
        for mode in ("sum", "mean", "max")
    ),
    *(
        Case(f"bags with padding, {mode}", "embedding_bag", [Ints([6], [1, 4, 1, 0, 2, 1]), TABLE, Ints([3], [0, 3, 5])], {"mode": mode, "padding_idx": 1}, False)
        for mode in ("sum", "mean", "max")
    ),
    Case("bags, last offset included", "embedding_bag", [Ints([6], [1, 4, 1, 0, 2, 1]), TABLE, Ints([3], [0, 2, 6])], {"include_last_offset": True}, False),
    Case("weighted bags", "embedding_bag", [Ints([2, 3], [1, 4, 1, 0, 2, 1]), TABLE], {"mode": "sum", "per_sample_weights": Tensor([2, 3], 5)}, False),
    Case("products", "bilinear", [Tensor([2, 4, 3], 1), Tensor([2, 4, 2], 2), Tensor([3, 3, 2], 3), Tensor([3], 4)]),
    Case("angles", "cosine_similarity", [Tensor([3, 4], 1), Tensor([3, 4], 2)]),
]

FAMILIES = {
    "conv": CONV,
    "pooling": POOLING,
    "normalization": NORMALIZATION,
    "activations": ACTIVATIONS,
    "losses": LOSSES,
    "vision": VISION,
    "embedding": EMBEDDING,
}
