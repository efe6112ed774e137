"""Where the keys of posts and roles act; rules as in `where_keys_act`, given a role's name."""

from txsim.scenario.setting import Rule, Setting


def with_posts_of_it(setting: Setting, role: str) -> str:
    """Where the role has posts."""
    return "because it has no posts" if setting.post(role).posts == 0.0 else ""


def of_posts(setting: Setting, role: str) -> str:
    """Posts of a role that a service on offer asks for; others cost money."""
    if setting.post(role).posts > 0.0 and role not in setting.asked_roles:
        return "beyond its cost, because no service on offer asks for this role"
    return ""


def with_work_to_do(setting: Setting, role: str) -> str:
    """Where the role has posts, and a service on offer asks for it."""
    if role not in setting.asked_roles:
        return "because no service on offer asks for this role"
    return with_posts_of_it(setting, role)


def of_caseloads(setting: Setting, role: str) -> str:
    """Where patients have a worker of this role as their primary counsellor."""
    if not setting.catalogue.roles[role].key_worker:
        return "because this role is nobody's primary counsellor"
    return with_posts_of_it(setting, role)


def of_notes(setting: Setting, role: str) -> str:
    """Where the role holds sessions or leads groups, on which it keeps notes."""
    if not any(
        role in (one.role, *one.may_also) and one.kind in ("individual", "group")
        for one in setting.offered.values()
    ):
        return "because this role holds no sessions and leads no groups"
    return with_posts_of_it(setting, role)


def of_vacancies(setting: Setting, role: str) -> str:
    """Where posts of the role become vacant."""
    if not setting.scenario.mechanisms.turnover:
        return "without mechanisms.turnover"
    if setting.figure(role, "turnover_per_year") == 0.0:
        return "because nobody leaves this role"
    return with_posts_of_it(setting, role)


def of_turnover(setting: Setting, role: str) -> str:
    """Where the role has posts that people may leave."""
    if not setting.scenario.mechanisms.turnover:
        return "without mechanisms.turnover"
    return with_posts_of_it(setting, role)


def of_leave(setting: Setting, role: str) -> str:
    """Where leave is taken from work that there is."""
    return (
        with_work_to_do(setting, role)
        if setting.scenario.mechanisms.leave
        else "without mechanisms.leave"
    )


def unless_posts_say(figure: str, rule: Rule) -> Rule:
    """Where a rule says so, and the posts of the role have no figure of their own."""

    def of_a_role(setting: Setting, role: str) -> str:
        if getattr(setting.post(role), figure) is not None:
            return f"because staff.{role}.{figure} is set"
        return rule(setting, role)

    return of_a_role
