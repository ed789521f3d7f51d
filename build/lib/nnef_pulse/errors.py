"""Every error this package raises on purpose, told apart by type and `code`.

`exit_code` is what the command line ends with: 1 when the model, a proof, an assert or a mode
fails; 2 when what was asked for cannot be read or found.
"""

from __future__ import annotations

from typing import ClassVar


class NnefPulseError(Exception):
    """Root of the family. The message is one line: what, where, what to do."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1


class UsageError(NnefPulseError, ValueError):
    """What was asked for does not make sense as written."""

    code = "usage"
    exit_code = 2


class UnknownInputError(UsageError):
    """An axis, assert or value names an input the model does not have."""

    code = "unknown-input"


class AxisError(UsageError):
    """An axis is out of range, named twice, or one symbol stands for sizes that differ."""

    code = "axis"


class SymbolError(UsageError):
    """A symbol is unknown, badly named, or has no value where one is needed."""

    code = "symbol"


class ExpressionError(UsageError):
    """An assert, mode or dimension cannot be read."""

    code = "expression"


class CardError(UsageError):
    """The card has a key or value the bundle's contract does not know."""

    code = "card"


class SourceError(UsageError):
    """The source named is no recipe, no readable file and no function that can be called."""

    code = "source"


class MissingExtraError(UsageError):
    """A package of an extra is not installed."""

    code = "missing-extra"


class BundleError(UsageError):
    """A bundle's folder or archive cannot be read."""

    code = "bundle"


class EngineError(NnefPulseError, RuntimeError):
    """tract refused a model or a run; `chain` holds its reasons, outermost first."""

    code = "engine"

    def __init__(self, message: str, chain: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.chain = chain


class EnginePanicError(EngineError):
    """tract panicked; `chain` holds its message and the place in its source."""

    code = "engine-panic"


class EngineEndedError(EngineError):
    """The process running tract aborted, overflowed its stack or ran out of memory."""

    code = "engine-ended"


class DeadlineError(EngineError):
    """tract did not finish in the time a call may take."""

    code = "engine-deadline"


class UnsupportedError(NnefPulseError):
    """The front door met something it cannot translate."""

    code = "unsupported"


class DataBranchError(UnsupportedError):
    """Python code in forward reads a value of the data: a trace keeps what one value decided."""

    code = "data-branch"


class StatefulError(UnsupportedError):
    """The module gives another answer on a second call with the same inputs."""

    code = "stateful"


class AssertBrokenError(NnefPulseError):
    """The example input does not satisfy an assert."""

    code = "assert"


class ModeError(NnefPulseError):
    """A mode can never hold, or the example input is in none."""

    code = "mode"


class FrozenDimError(NnefPulseError):
    """A size declared open was frozen when the model was traced."""

    code = "frozen-dim"


class ExampleError(NnefPulseError):
    """The example input is none the model is defined for."""

    code = "example"


class ProofError(NnefPulseError):
    """Two runs that had to agree do not."""

    code = "proof"


class PulseRefusedError(NnefPulseError):
    """The model cannot be pulsed as asked; `cause` names the row of the table of causes, if one."""

    code = "pulse"
    cause: str = ""


class StrideError(PulseRefusedError):
    """The pulse is no multiple of what the model steps by; `possible` lists some that are."""

    code = "pulse-stride"

    def __init__(self, message: str, possible: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.possible = possible


class BidirectionalError(PulseRefusedError):
    """A recurrent layer runs backwards in time: its first output needs the last input."""

    code = "pulse-bidirectional"


class GlobalReductionError(PulseRefusedError):
    """A reduction over all time: no output is known before the stream ends."""

    code = "pulse-global-reduction"


class AttentionOverTimeError(PulseRefusedError):
    """Attention over all time: each frame looks at frames still to come."""

    code = "pulse-attention"


class StateOutputError(PulseRefusedError):
    """An output is a recurrence's last state."""

    code = "pulse-state-output"


class VerificationError(NnefPulseError):
    """A bundle's files do not bear out its manifest; `problems` lists every one found."""

    code = "verify"

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
