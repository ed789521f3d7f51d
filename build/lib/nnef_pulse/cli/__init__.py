"""The command line, one function of the package per verb."""
