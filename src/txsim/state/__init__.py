"""What a clinic remembers from one day to the next: its arrays, its people, its staff, its log."""
