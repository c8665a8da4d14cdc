"""An invented council with the shape of a real one, and the truth about it.

`council` invents people and what is commissioned for them, `days` what happens, `bills` what
providers claim, `folder` writes it all, round by round, so that size costs no memory.

Every person, provider and worker is invented and exists only as a number.
"""
