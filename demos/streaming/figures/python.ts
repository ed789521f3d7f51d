import { pythonFigure } from "../../kit/figures/python-cell.ts";
import code from "../stream.py?raw";

/** The recipe's own steps in Python, run in the page when it is asked for. */
export const figure = pythonFigure(code);
