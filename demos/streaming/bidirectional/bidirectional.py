"""CustomDeepSpeech with a layer that also reads backwards, which the exporter refuses.

nnef-pulse export bidirectional:model -o refused --axis melbank:0=B --axis melbank:1=S --pulse S=8
"""

import torch
from torch import nn

from nnef_pulse.recipes.custom_deepspeech import BANDS, CLASSES, CustomDeepSpeech


def model() -> tuple[nn.Module, dict[str, torch.Tensor]]:
    """The untrained network and an example strip."""
    torch.manual_seed(0)
    net = CustomDeepSpeech()
    hidden = net.after.in_features
    net.rnn = nn.RNN(hidden, hidden, nonlinearity="relu", batch_first=True, bidirectional=True)
    net.after = nn.Linear(2 * hidden, hidden)
    net.out = nn.Linear(hidden, CLASSES)
    return net, {"melbank": torch.randn(1, 100, BANDS)}
