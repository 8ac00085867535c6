"""What more than one programme asks of a youth, refused in the same words."""

from domain.core.refusals import ErrorCode, Refusal


class NameNotVerified(Refusal):
    code = ErrorCode.REAL_NAME_REQUIRED
    zh = "请先完成实名认证。"
    en = "Your real name must be verified first."


class GuardianNeeded(Refusal):
    code = ErrorCode.CONSENT_REQUIRED
    zh = "未满 {age} 岁需监护人同意（GUARDIAN）。"
    en = "Those under {age} need their guardian's consent (GUARDIAN)."


class ConsentNeeded(Refusal):
    code = ErrorCode.CONSENT_REQUIRED
    zh = "请先同意该服务的个人信息处理（{purpose}）。"
    en = "Your consent to this service ({purpose}) is needed first."
