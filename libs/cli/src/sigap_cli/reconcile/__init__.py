"""`sigap reconcile`: restored databases beside a log that went on."""
