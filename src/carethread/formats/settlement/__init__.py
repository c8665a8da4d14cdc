"""The settlement folder: the files a council and its providers put in, the tables that come out.

`read.read` turns a folder into `engine.records.Inputs`; `write.write` turns a settlement into files;
`published.read` reads those back. CSV and Parquet, same columns.

Source: settlement §2 and §6.
"""
