"""Mentorship (职聊室, 创业导师, 一对一结对): mentors, their slots, and requests that are asked, answered and met."""
