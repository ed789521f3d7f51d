import { pythonFigure } from "../../kit/figures/python-cell.ts";
import code from "../listen.py?raw";

/** The whole of it in Python: a stream, its answers, the rules. */
export const figure = pythonFigure(code);
