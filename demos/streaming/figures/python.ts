import { pythonFigure } from "../../kit/figures/python-cell.ts";
import code from "../stream.py?raw";

/** Loads, pulses, streams and compares the model in Python. */
export const figure = pythonFigure(code);
