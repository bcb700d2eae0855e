"""Uploads in pieces: begun, continued from where they broke off, ended by taking the file in like any other upload.

What has arrived is the file itself, in the folder of unfinished files; its length is where the next piece begins. The row says whose it is.
"""
