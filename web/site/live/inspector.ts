import "nnef-pulse/inspector";
import "nnef-pulse/inspector/inspector.css";
