"""The pages of the log: the list, one record with its proof, checkpoints."""
