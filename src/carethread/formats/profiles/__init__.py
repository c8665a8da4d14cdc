"""Other systems' files as the contract's: a profile says which of their columns is which of ours.

A profile is text that a council can write (TOML), not code: `reading.read_profile` reads it with
every fault, `convert.convert` writes the file it stands for, row by row, with the same row numbers.
Profiles that come with carethread lie in the folder `ready`; a file that has the contract's columns
needs none.
"""
