"""The policies: who sees which rows, objects and events, and for whom personal data is opened."""
