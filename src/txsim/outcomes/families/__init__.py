"""One file a family of outcomes. What is declared in a file of this folder is an outcome."""
