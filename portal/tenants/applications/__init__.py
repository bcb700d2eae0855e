"""Applications for enterprise IDs (企业ID申请): a province fills in seven fields, the center approves or returns them.

Not here: what an approved enterprise orders (orders), and how its ID reaches the installers (installing).
"""
