"""The pages of administration (管理控制): what each role may do, the four access lists with their groups, the system itself.

Not here: the policy and how it is asked (access), the accounts and officers (accounts), which modules there are (catalog).
Nobody calls this room.
"""
