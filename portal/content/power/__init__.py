"""The hours in which boxes are on (定时开关机): rules, form and pages."""
