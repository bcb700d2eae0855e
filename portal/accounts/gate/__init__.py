"""The doors of the modules (应用模块): the policy of each, what a session has proven, stepping up, and the policy's pages.

Not here: which permission lies behind which door (access.modules) and where it is asked (web.gate).
"""
