import { pythonFigure } from "../../kit/figures/python-cell.ts";
import code from "../listen.py?raw";

/** Streams the sound, compares the probabilities and applies the rules in Python. */
export const figure = pythonFigure(code);
