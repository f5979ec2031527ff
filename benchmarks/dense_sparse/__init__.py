"""`argonscope benchmark uresnet`: what the dense twin costs over the sparse network (arXiv:1903.05663).

`plan` says what is measured, `sample` cuts the crops, `measure` starts a fresh process (`point`) for
every point, `learning` trains both for a while, `tables` and `plots` show it.
"""
