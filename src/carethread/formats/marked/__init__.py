"""The same file back, with what is wrong with each row.

`marking.mark` writes a copy of what was sent with one more column, `carethread_problems`. It stands
first, so that a row with too many or too few cells still has it in its place. Sent again with the
column, the file is read as before; marked again, it has the column once.
"""
