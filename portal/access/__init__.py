"""Who may do what: permissions, roles in three layers, and the policy that joins them on one page.

Not here: where access is asked (the pipeline in web, and every command) and who somebody is (accounts).
"""
