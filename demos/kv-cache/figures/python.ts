import { pythonFigure } from "../../kit/figures/python-cell.ts";
import code from "../answer.py?raw";

/** The whole answering in Python, run in the page when it is asked for. */
export const figure = pythonFigure(code);
