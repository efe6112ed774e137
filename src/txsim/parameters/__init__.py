"""From a scenario to the numbers in force: what the rules are told, and no behaviour."""
