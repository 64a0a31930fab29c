"""One sentence for every refusal code: what happened and what to do."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

# A refusal shows only its facts that the sentence names, as `%(name)s`.
WORDS = {
    # ground
    "setting_unsafe": _l("The setting %(setting)s is not safe: %(reason)s."),
    "database_not_durable": _l("The database may lose what it has confirmed: %(setting)s."),
    "move_not_allowed": _l("This cannot be done any more: the state has changed. Refresh the page."),
    "unknown": _l("There is no such thing, or it belongs to another body."),
    # accounts
    "kato_wrong": _l("The KATO code has nine digits."),
    "kato_taken": _l("A body with the KATO code %(kato)s is already in the list."),
    "login_wrong": _l("A login has 3 to 64 Latin letters, digits, dots or hyphens."),
    "login_taken": _l("The login %(login)s is taken. Choose another."),
    "password_short": _l("The password needs at least %(shortest)s characters."),
    "password_long": _l("The password may have at most %(longest)s characters."),
    "password_weak": _l("The password is too easy to guess. Choose another."),
    "role_not_of_body": _l("This body has no such role."),
    "role_not_held": _l("This role is not held any more."),
    "cannot_disable_self": _l("You cannot close your own account."),
    "cannot_end_own_role": _l("You cannot take the administrator's role from yourself."),
    "sign_in_wrong": _l("The login or the password is wrong. Check the keyboard language and try again."),
    "too_many_tries": _l("Too many wrong tries. Wait fifteen minutes, or ask for a new code or password."),
    "iin_length": _l("The individual identification number has twelve digits."),
    "iin_wrong": _l("There is a mistake in the individual identification number. Check every digit."),
    # delivery: at the door
    "code_wrong": _l("The number and the code do not match. Check both, or ask the invigilator for help."),
    "sitting_not_open": _l("The sitting is not open yet. It opens at %(opens_at)s."),
    "sitting_over": _l("The sitting is over. Ask the commission's secretary for another day."),
    "sitting_not_opened": _l("The invigilator has not opened the sitting yet. Wait and try again."),
    "registration_withdrawn": _l("You are not in the list of this sitting. Ask the invigilator."),
    # delivery: the attempt
    "language_needed": _l("Choose the language of the test."),
    "attempt_closed": _l("The test is finished. Answers are not accepted any more."),
    "not_started": _l("The test has not been started yet."),
    "read_only_here": _l("The test is open in another window. Here you can only look."),
    "answers_differ": _l("Some answers have not reached the server. They are being sent again."),
    "unknown_slot": _l("There is no question with the number %(slot)s."),
    "unknown_option": _l("Question %(slot)s has no such answer."),
    "one_choice_only": _l("Question %(slot)s takes one answer."),
    "events_malformed": _l("The answers were not understood: %(name)s."),
    "too_many_events": _l("At most %(most)s answers can be sent at once."),
    "no_form_for_position": _l("The sitting has no approved form for this position."),
}
