"""Whatever a council or provider sends, as the CSV and Parquet files of a folder.

`receive.receive` takes a workbook, a zip, a CSV or a Parquet file; the readers of `formats.settlement`
and `formats.books` then read what is in the folder. Row numbers stay those of the file that was sent.
"""
