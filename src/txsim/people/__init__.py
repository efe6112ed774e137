"""The people: who comes, who works in the clinic, and the agents over their records."""
