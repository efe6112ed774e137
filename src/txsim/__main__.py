"""Lets `python -m txsim` do what the command `txsim` does."""

from txsim.cli import main

if __name__ == "__main__":
    main()
