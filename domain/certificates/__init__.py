"""Certificates (电子荣誉): a kernel that programmes issue them through."""
