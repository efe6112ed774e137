"""The clinic as a Mesa model: how it opens, lives its days, and goes on under another design."""

from txsim.clinic.model import Clinic

__all__ = ["Clinic"]
