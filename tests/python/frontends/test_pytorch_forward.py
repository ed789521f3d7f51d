"""Inputs go by name, outputs come flat and named, and the caller's module is as it was."""

from collections import namedtuple

import pytest
import torch
from torch import nn

from nnef_pulse.errors import DataBranchError, StatefulError, UsageError
from nnef_pulse.frontends import pytorch
from source_checks import check_stream, check_whole

Pair = namedtuple("Pair", "left right")


def module(forward, **attributes):
    class Module(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution = nn.Conv1d(4, 4, 3)
            for name, value in attributes.items():
                if isinstance(value, torch.Tensor):
                    self.register_buffer(name, value)
                else:
                    setattr(self, name, value)

    Module.forward = forward
    torch.manual_seed(0)
    return Module()


def x(*shape):
    return torch.randn(*(shape or (1, 4, 32)), generator=torch.Generator().manual_seed(1))


def made(forward, inputs=None, axes=None, **attributes):
    inputs = inputs or {"x": x()}
    axes = {"x": {2: "S"}} if axes is None else axes
    return pytorch.source(module(forward, **attributes), inputs, axes=axes)


def test_inputs_go_by_name():
    def skipped(self, x, mask=None, state=None):
        y = x if mask is None else x * mask
        return y if state is None else y + state

    def keyword(self, x, *, gain):
        return self.convolution(x) * gain

    def ordered(self, a, b):
        return a - 2 * b

    def rest(self, x, **more):
        return x * more["gain"]

    both = {"a": {2: "S"}, "b": {2: "S"}}
    check_whole(made(skipped, {"x": x(), "state": x(1, 4, 1)}))
    check_whole(made(keyword, {"gain": x(1), "x": x()}))
    check_whole(made(ordered, {"b": x(), "a": x() * 2}, both))
    check_whole(made(rest, {"x": x(), "gain": x(1)}))
    with pytest.raises(UsageError, match="forward needs gain"):
        made(keyword)


def test_an_input_no_output_depends_on_stays_an_input():
    def forward(self, lengths, x):
        return self.convolution(x)

    source = made(forward, {"lengths": torch.tensor([3]), "x": x()})
    model = check_whole(source)
    assert [port.fact for port in model.inputs] == ["1,i64", "1,4,S,f32"]
    assert check_stream(source, "S", 4) == 2


@pytest.mark.parametrize(
    ("result", "names"),
    [
        (lambda y: {"voice": y}, ["voice"]),
        (lambda y: {"x": y, "deep": (y + 1, {"a b": y * 3})}, ["x_out", "deep_0", "deep_1_a_b"]),
        (lambda y: Pair(y, None), ["left"]),
        (lambda y: (y, (y + 1, [y * 2])), ["output_0", "output_1_0", "output_1_1_0"]),
        (lambda y: [y], ["output_0"]),
    ],
)
def test_outputs_come_flat_by_name(result, names):
    source = made(lambda self, x: result(self.convolution(x)))
    assert [port.name for port in check_whole(source).outputs] == names
    assert check_stream(source, "S", 4) == 2


def test_one_tensor_twice_an_input_and_constants_are_outputs():
    def forward(self, x):
        y = x * 2
        return y, y.view_as(y), x, torch.arange(3), self.convolution.weight, torch.tensor(True)

    check_whole(made(forward))
    check_whole(made(lambda self, x: x))
    check_whole(made(lambda self, x: (x.mean(), torch.tensor(2.5))))
    check_whole(made(lambda self, x: torch.ones_like(x), axes={}))
    check_whole(made(lambda self, x: (x, torch.ones_like(x))))
    assert check_stream(made(lambda self, x: (x, x * 2)), "S", 4) == 0


def test_the_caller_s_module_and_tensors_are_as_before():
    def forward(self, x):
        x += 1
        self.count += 1
        self.seen.append(1)
        self.last = x
        return x * 2

    model = module(forward, count=0, seen=[])
    model.convolution.train()
    given = torch.zeros(1, 4, 8)
    source = pytorch.source(model, {"x": given}, axes={"x": {2: "T"}})
    assert (given == 0).all()
    assert (source.example["x"] == 0).all()
    assert model.training
    assert (model.count, model.seen) == (0, [])
    assert not hasattr(model, "last")
    assert "forward" not in vars(model)
    source.run(source.example)
    assert (source.example["x"] == 0).all()
    check_whole(source)


def test_a_mode_set_on_a_part_alone_is_kept():
    model = module(lambda self, x: self.convolution(x))
    model.eval()
    model.convolution.train()
    pytorch.source(model, {"x": x()}, axes={})
    assert (model.training, model.convolution.training) == (False, True)


def counted(self, x):
    y = self.convolution(x) + self.n
    self.n.add_(1)
    return y


def remembered(self, x):
    self.seen.append(x)
    return sum(self.seen)


@pytest.mark.parametrize(
    ("forward", "attributes", "said"),
    [
        (counted, {"n": torch.zeros(1)}, "in n,"),
        (remembered, {"seen": []}, "in seen,"),
        (lambda self, x: x + torch.rand_like(x), {}, "random"),
    ],
)
def test_a_module_that_answers_otherwise_on_a_second_call_is_told_so(forward, attributes, said):
    with pytest.raises(StatefulError, match=said):
        made(forward, **attributes)


def test_a_counter_that_changes_no_answer_is_no_state():
    def forward(self, x):
        self.calls += 1
        return self.convolution(x)

    check_whole(made(forward, calls=0))


def by_if(self, x):
    if (self.convolution(x) > 0).any():
        return x
    return -x


def by_loop(self, x):
    while x.abs().max() > 1:
        x = x / 2
    return x


REFUSED = [
    (lambda self, x: x if x.mean() > 0 else -x, "branches"),
    (by_if, r"\.any\(\)"),
    (by_loop, "while"),
    (lambda self, x: x / float(x.abs().max()), "reads"),
    (lambda self, x: x / x.std().item(), "reads"),
    (lambda self, x: x * max(x[0, 0, 0], x[0, 0, 1]), "branches"),
    (lambda self, x: x * [1.0, 2.0][int(x[0, 0, 0] > 0)], "reads"),
    (lambda self, x: x + sum(x[0, 0, :2].tolist()), "reads"),
    (lambda self, x: x if torch.equal(x, x.abs()) else -x, "branches"),
    (lambda self, x: x[x > 0], "as many elements"),
    (lambda self, x: torch.nonzero(x), "as many elements"),
]


@pytest.mark.parametrize(("forward", "said"), REFUSED)
def test_python_code_that_reads_a_value_is_refused_with_its_line(forward, said):
    with pytest.raises(DataBranchError, match=rf"test_pytorch_forward\.py:\d+: .*{said}"):
        made(forward)


def by_size(self, x):
    if x.shape[2] % 2 == 0 or x.size(1) == 4:
        return self.convolution(x)
    return x


def by_weights(self, x):
    return x if self.convolution.weight.sum() > 100 else self.convolution(x)


def by_filled(self, x):
    mask = torch.zeros_like(x) + 1
    return self.convolution(x) if mask.sum() > 0 else x


def checked(self, x):
    assert not torch.isnan(x).any()
    if torch.isinf(x).any():
        raise ValueError("infinite")
    return self.convolution(x)


@pytest.mark.parametrize("forward", [by_size, by_weights, by_filled, checked])
def test_python_code_that_reads_sizes_or_weights_or_only_checks_passes(forward):
    source = made(forward)
    check_whole(source)
    assert check_stream(source, "S", 4) == 2


def test_a_value_written_into_a_constant_is_still_data():
    def forward(self, x):
        mask = torch.zeros(4)
        mask[:1].copy_(x[0, 0, :1])
        return x if mask.sum() > 0 else -x

    with pytest.raises(DataBranchError, match="mask"):
        made(forward)


def test_a_forward_that_fails_on_the_example_says_so():
    with pytest.raises(UsageError, match="fails on the example inputs: RuntimeError"):
        made(lambda self, x: x @ x)
    with pytest.raises(UsageError, match="is list, not a tensor"):
        made(lambda self, x: x, {"x": [1.0]})
    with pytest.raises(UsageError, match="'a b' cannot be a name"):
        made(lambda self, x: x, {"a b": x()}, {})


def test_torchscript_is_followed_by_its_graph():
    traced = torch.jit.trace(module(lambda self, x: self.convolution(x) * 2), x())
    source = pytorch.source(traced, {"x": x()}, axes={"x": {2: "S"}})
    check_whole(source)
    assert check_stream(source, "S", 4) == 2
