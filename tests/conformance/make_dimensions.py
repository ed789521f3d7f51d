"""Writes dimensions.json: dimension expressions with the values native tract gives them.

    python tests/conformance/make_dimensions.py

Every reader of dimensions runs these cases: a value for each of `sizes`, null where the text names
a symbol that has none. `refused` lists texts that tract does not read.
"""

import json
import random
import re
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tract

from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import EngineError, EnginePanicError
from nnef_pulse.nnef import Archive

OUT = Path(__file__).with_name("dimensions.json")
# Sizes are never negative; expressions over them are.
SIZES = [{"B": 1, "S": 17, "P": 0}, {"B": 3, "S": 8, "P": 5}, {"B": 2, "S": 1, "P": 70}]
# Keeps numbers above zero: tract panics at a dimension that is a negative number.
OFFSET = 10**9
SYMBOL = re.compile(r"(?<![\w./])[BSP](?![\w.]|/[A-Za-z])")
TEXT = """version 1.0;
extension tract_registry tract_core;
extension tract_symbol B;
extension tract_symbol S;
extension tract_symbol P;
extension tract_symbol X;
extension tract_symbol N0;
extension tract_symbol N1;
extension tract_symbol N2;
graph network(x) -> (y)
{
    x = tract_core_external(shape = [X, N0, N1, N2, B, S, P], datum_type = 'f32');
    y = relu(x);
}
"""
BY_HAND = [
    "0",
    "7",
    "S",
    "-S",
    "-7",
    "--S",
    "-(S)",
    "((S))",
    "S+P",
    "S-P",
    "S-P-B",
    "S-P+B",
    "S+P-B",
    "S-(P+B)",
    "S-(P-B)",
    "S*P",
    "2*S",
    "S*2",
    "2*S*3",
    "S*P*B",
    "S*(P+B)",
    "(S+P)*(S-P)",
    "S/2",
    "S/2/3",
    "S/1",
    "0/5",
    "7/2",
    "-7/2",
    "(0-7)/2",
    "-(7/2)",
    "-S/2",
    "-(S/2)",
    "(-S)/2",
    "(S-20)/3",
    "(1-S)/2",
    "(P-S)/4",
    "2*S/3",
    "2*(S)/3",
    "(2*S)/3",
    "S/3*2",
    "S*2/3",
    "S+P/2",
    "(S+P)/2",
    "S/2+P/2",
    "-3+(S+3)/4",
    "-3+(1+(S+1)/2)/2",
    "(S+3)/4*4",
    "4*(S+3)/4",
    "(4*S)/4",
    "(4*S+3)/4",
    "(4*S-3)/4",
    "(6*S)/4",
    "(S+7)/8-1",
    "((S+7)/8)*8-S",
    "1#S",
    "S#1",
    "S#S",
    "B#1",
    "1#1#S",
    "1+2#3",
    "min(S,P)",
    "max(S,P)",
    "min(S,P,B)",
    "max(1,S-P)",
    "min(S , 4)",
    "min(max(S,2),P)",
    "max(0,(S-5)/2)",
    "max(-3,-S)",
    "min(-3,-S)",
    "-min(S,P)",
    "2*max(S,P)/2",
    "2*(max(S,P))/2",
    "min(S,P)/2",
    "(min(S,P))/2",
    "broadcast(1,S)",
    "broadcast(S,1)",
    "broadcast(1,1)",
    "min",
    "S - P",
    "S  +  P",
    "S\t*\t2",
    "( S )",
    "S /2",
    "S/ 2",
    "1000000*S",
    "S*1000000/1000",
    "000",
    "007*S",
    "S+0",
    "0*S",
    "S-S",
    "S*1",
]
REFUSED = [
    "",
    "+S",
    "S+",
    "*S",
    "S*",
    "S//2",
    "S/P",
    "S/(2)",
    "S/-2",
    "S%2",
    "S^2",
    "2S",
    "S P",
    "(S",
    "S)",
    "()",
    "min(S",
    "min S",
    "floor(S)",
    "S,P",
    "S==P",
    "1.5",
    "S.",
    "#S",
    "S#",
    "S-",
    "$",
]


def expression(rng: random.Random, depth: int) -> str:
    """A random expression."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(["B", "S", "P", str(rng.randrange(10))])

    def inner() -> str:
        return expression(rng, depth - 1)

    kind = rng.randrange(8)
    if kind < 4:
        left, right = (rng.choice([it, f"({it})"]) for it in (inner(), inner()))
        return f"{left}{rng.choice('+-*')}{right}"
    if kind < 6:
        return rng.choice([f"({inner()})", inner()]) + f"/{rng.randint(1, 9)}"
    if kind < 7:
        return f"-{rng.choice([inner(), f'({inner()})'])}"
    return f"{rng.choice(['min', 'max'])}({inner()},{inner()})"


def values(text: str) -> list[int | None] | None:
    """What tract makes of a dimension at each of SIZES.

    A number, or None where the text names another symbol. tract simplifies before it evaluates:
    `(S-20)/3` is -6 at S=1 when the size is put in first, and -7 when it comes after. A text for
    which these two differ has no answer, and gives None as a whole.

    Raises:
        EngineError: tract does not read the text.
    """
    settings = {"X": text}
    for n, sizes in enumerate(SIZES):
        put_in = SYMBOL.sub(lambda it, sizes=sizes: f"({sizes[it[0]]})", text)
        settings[f"N{n}"] = f"{OFFSET}+({put_in})"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.nnef.tgz")
        path.write_bytes(Archive({"graph.nnef": TEXT.encode()}).to_bytes())
        model = tract.nnef().load(path)
    try:
        model.transform(tract.SetSymbols(settings))
    except tract.TractError as error:
        raise EngineError(str(error)) from error
    symbolic, *numeric = model.input_fact(0).dims()
    found: list[int | None] = []
    for sizes, dim in zip(SIZES, numeric, strict=False):
        after, first = number(symbolic, sizes), number(dim, sizes)
        if after is None and first is None:
            found.append(None)
        elif after is None or first is None or first - OFFSET != after:
            return None
        else:
            found.append(after)
    return found


def number(dim: Any, sizes: dict[str, int]) -> int | None:
    """The dimension at given sizes."""
    try:
        return int(dim.eval(sizes).to_int64())
    except tract.TractError:
        return None


def main() -> None:
    """Ask tract, in a process of its own since it panics at some texts, and write the file."""
    import make_dimensions  # by the name that process knows it by

    rng = random.Random(0)
    texts = dict.fromkeys(BY_HAND)
    while len(texts) < 380:
        texts[expression(rng, rng.randint(2, 4))] = None
    cases, refused = [], []
    for text in [*texts, *REFUSED]:
        try:
            found = run_isolated(make_dimensions.values, text)
        except EnginePanicError:
            continue  # a negative number is no dimension: tract reads it and then stops
        except EngineError:
            refused.append(text)
            continue
        if found is not None:
            cases.append(json.dumps({"text": text, "values": found}))
    head = json.dumps({"engine": f"tract {version('tract')}", "sizes": SIZES})[:-1]
    body = ",\n".join(cases)
    OUT.write_text(f'{head},\n"cases": [\n{body}\n],\n"refused": {json.dumps(refused)}}}\n')


if __name__ == "__main__":
    main()
