"""One sentence for every refusal code: what happened and what to do."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

# A refusal shows only its facts that the sentence names, as `%(name)s`.
WORDS = {
    # ground
    "setting_unsafe": _l("The setting %(setting)s is not safe: %(reason)s."),
    "database_not_durable": _l("The database may lose what it has confirmed: %(setting)s."),
    "move_not_allowed": _l("This cannot be done any more: the state has changed. Refresh the page."),
    "demo_only_here": _l("The demo is for this machine only: its passwords are known to everybody."),
    "demo_not_empty": _l("The database holds other data. The demo needs an empty one."),
    "database_behind": _l("The database needs its migrations: run `cbt db upgrade` first."),
    "backup_exists": _l("The file %(file)s exists already. Choose another name."),
    "backup_damaged": _l("The copy %(file)s did not pass its check and was not kept."),
    "backup_needs_pg_dump": _l("The backup of PostgreSQL needs the program pg_dump."),
    "unknown": _l("There is no such thing, or it belongs to another body."),
    # accounts
    "kato_wrong": _l("The KATO code has nine digits."),
    "kato_taken": _l("A body with the KATO code %(kato)s is already in the list."),
    "kato_not_of_oblast": _l("The KATO code of a body of this oblast begins with %(digits)s."),
    "no_body_below": _l("A body of this level has no bodies under it."),
    "login_wrong": _l("A login has 3 to 64 Latin letters, digits, dots or hyphens."),
    "login_taken": _l("The login %(login)s is taken. Choose another."),
    "login_unknown": _l("There is no account with the login %(login)s. Check it, or add a new account."),
    "password_short": _l("The password needs at least %(shortest)s characters."),
    "password_long": _l("The password may have at most %(longest)s characters."),
    "password_weak": _l("The password is too easy to guess. Choose another."),
    "role_not_of_body": _l("This body has no such role."),
    "role_not_held": _l("This role is not held any more."),
    "role_missing": _l("Choose at least one role."),
    "not_own_account": _l("You cannot do this to your own account. Another administrator can."),
    "account_of_another_body": _l(
        "This person also works in a body that you do not manage. Only somebody who manages both can do this."
    ),
    "cannot_give_to_self": _l("You cannot give a role to yourself. Another administrator can."),
    "cannot_end_own_role": _l("You cannot take the administrator's role from yourself."),
    "sign_in_wrong": _l("The login or the password is wrong. Check the keyboard language and try again."),
    "no_role_held": _l("Your account has no role now. Ask the administrator of your body."),
    "password_wrong_now": _l("The current password is wrong. Check the keyboard language and try again."),
    "too_many_tries": _l("Too many wrong tries. Wait fifteen minutes, or ask for a new code or password."),
    "iin_length": _l("The individual identification number has twelve digits."),
    "iin_wrong": _l("There is a mistake in the individual identification number. Check every digit."),
    # regulation
    "edition_unknown": _l("There is no edition %(edition)s of the rules."),
    "edition_unverified": _l(
        "The edition %(edition)s of the rules is not verified and cannot be used. Missing: %(missing)s."
    ),
    "position_not_attested": _l("The position “%(position)s” is not on the list of attested positions."),
    "workplace_unknown": _l("The place of work “%(workplace)s” is not known to the rules."),
    "author_cannot_approve": _l("You wrote or edited this question, so another person has to approve it."),
    "drawer_cannot_approve": _l("You drew this form, so another person has to approve it."),
    "planner_cannot_approve": _l("You drafted this blueprint, so another person has to approve it."),
    "area_short": _l(
        "The bank has too few approved questions for a form. %(areas)s. Have more questions approved, then draw again."
    ),
    "question_repeated": _l("The bank has more than one approved version of these questions: %(codes)s."),
    "too_long": _l("The test may last at most %(most)s minutes, not %(minutes)s."),
    "too_short": _l("The test lasts at least %(least)s minutes, not %(minutes)s."),
    # assembly
    "area_repeated": _l("The area %(area)s is listed twice."),
    "area_name_missing": _l("The area %(area)s needs a name in Kazakh and in Russian."),
    "area_without_items": _l("The area %(area)s needs at least one question."),
    "sum_differs": _l(
        "The areas add up to %(sum)s questions, and a form has %(needed)s. Change the numbers until they agree."
    ),
    "not_your_blueprint": _l(
        "Only the person who drafted the blueprint changes it. Withdraw it and draft your own, or ask them."
    ),
    "changed_since_seen": _l("This has changed since you opened the page. Look at it again, then decide."),
    "area_unknown": _l("The area “%(value)s” is not in the blueprint of this position."),
    "reason_missing": _l("Write the reason."),
    "reason_too_long": _l("The reason may have at most %(limit)s characters."),
    "forbidden_character": _l(
        "The text holds a character that nobody can see (%(character)s). Delete it or type the word again."
    ),
    "number_of_forms_wrong": _l("One draw makes 1 to %(most)s forms."),
    "seed_wrong": _l("A seed has 1 to 64 Latin letters, digits, dots, hyphens or underscores."),
    "no_blueprint": _l(
        "The position “%(position)s” has no approved blueprint yet. A form is drawn by an approved blueprint."
    ),
    "blueprint_not_approved": _l(
        "Blueprint %(number)s, by which this form was drawn, is withdrawn. Withdraw the form and draw another."
    ),
    "items_left_bank": _l(
        "Since the draw these questions were retired or got a new text: %(codes)s. Withdraw this form and draw another."
    ),
    "form_differs_from_blueprint": _l(
        "The form has %(items)s questions where its blueprint asks for %(needed)s. Withdraw it and draw another."
    ),
    "language_missing": _l("Question %(code)s is not complete in both languages. Withdraw this form and draw another."),
    # bank
    "content_changed": _l("The question was changed in the meantime. Look at its present text and decide again."),
    "question_wrong": _l("The question cannot be handed in yet: parts to correct: %(count)s."),
    "area_fixed": _l("The question was approved in its area and stays there. Write a new question for another area."),
    "codes_used_up": _l("All codes of area %(area)s are used up."),
    "picture_unknown": _l("There is no such picture in the bank. Add it again."),
    "picture_too_large": _l("The picture is too large: at most 5 MB and 20 megapixels are allowed."),
    "picture_not_readable": _l("The picture cannot be read. Use PNG, JPEG, WebP or GIF."),
    "position_unknown": _l("Choose the position from the list."),
    "bank_file_wrong": _l("Nothing was imported: errors in %(file)s: %(count)s."),
    "question_under_review": _l(
        "Nothing was imported: question %(code)s waits for approval. Import again when it is decided."
    ),
    "draft_of_another": _l("Nothing was imported: the draft of question %(code)s was changed by another author."),
    "question_moved": _l(
        "Nothing was imported: question %(code)s is kept in area %(area)s of the bank, and the file puts it elsewhere."
    ),
    "no_author": _l("The body has no author. Name one with --as."),
    "author_unknown": _l("The login %(login)s is not that of an author of this body."),
    "body_unknown": _l("There is no body with the KATO code %(kato)s."),
    "nothing_to_import": _l("There is no bank file of the position %(position)s."),
    "format_not_offered": _l("The format %(format)s is not offered. Use yaml."),
    "folder_expected": _l("%(path)s is a file. Name a folder: each area is written to a file of its own."),
    # bank: the reference library
    "library_missing": _l("There is no reference library in the folder of the setting CBT_LIBRARY."),
    "library_wrong": _l("The file %(file)s of the reference library has errors. Run `cbt bank check` over the library."),
    "library_changed": _l("The reference library has changed meanwhile. Look at it again before you adopt."),
    "nothing_chosen": _l("Tick at least one area or question."),
    "nothing_to_adopt": _l("There is nothing to adopt here: your bank has all of it already."),
    "sample_unread": _l("Questions of the sample still to be read: %(count)s. Decide on each of them first."),
    "nothing_to_approve": _l("No question of this lot is waiting for approval."),
    # delivery: at the door
    "code_wrong": _l("The number and the code do not match. Check both, or ask the invigilator for help."),
    "another_person": _l("The answers on this page belong to another person. Sign in as the one who began the test."),
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
    # sittings
    "text_missing": _l("Fill in this field."),
    "text_short": _l("At least %(shortest)s characters are needed."),
    "text_long": _l("At most %(longest)s characters fit here."),
    "window_backwards": _l("The sitting must close later than it opens."),
    "window_past": _l("This time has already passed."),
    "window_far": _l("This day is more than a year ahead. Check the year."),
    "forms_missing": _l("Choose at least one form."),
    "form_not_usable": _l("A chosen form is not approved any more. Choose the forms again."),
    "sitting_repeated": _l("A sitting at this place and time is already planned."),
    "attempts_running": _l("The sitting cannot be closed yet. Tests still running: %(count)s."),
    "sitting_list_closed": _l("The list of this sitting cannot be changed any more."),
    "position_not_in_sitting": _l("This position is not tested at this sitting."),
    "stage_unknown": _l("Choose whether this is the initial or the repeat attestation."),
    "territory_unknown": _l("Choose the district or the city from the list."),
    "territory_needs_rayon": _l("For this post the commission of a district or a city decides. Choose that district or city."),
    "already_registered": _l("This person is already in the list of the sitting, number %(number)s."),
    "registered_same_day": _l("This person is expected at another sitting on %(day)s. One test a day is allowed."),
    "attempt_same_day": _l("This person has been tested on %(day)s. One test a day is allowed."),
    "repeat_too_early": _l("The test of the initial attestation was on %(day)s. The repeat is allowed from %(earliest)s."),
    "initial_too_early": _l("The test of %(day)s was not passed. The repeat attestation is allowed from %(earliest)s."),
    "iin_twice_in_list": _l("The same number stands in row %(row)s of the file."),
    "attempt_exists": _l("The test has been started. The person stays in the list."),
    "no_longer_registered": _l("This person has been taken off the list."),
    "nobody_for_slips": _l("Nobody on the list needs a slip."),
    # lists of candidates from files
    "list_empty": _l("The file holds no people."),
    "list_large": _l("The file is too large. At most %(megabytes)s MB are read."),
    "list_long": _l("The list is too long. Split it into files of at most %(most)s people."),
    "list_old_format": _l("This is an old Excel file or one with a password. Save it as XLSX without a password."),
    "list_not_a_table": _l("This is neither a spreadsheet nor a text table. Send XLSX or CSV."),
    "list_damaged": _l("The file cannot be read. Open it, save it again as XLSX and send it."),
    "list_columns_missing": _l("Columns are missing: %(columns)s."),
    "list_column_repeated": _l("The column %(column)s stands in the file twice."),
    "iin_rounded": _l("The spreadsheet has rounded the number. Format the column as text and type the number again."),
    "letters_lost": _l("Kazakh letters were lost when the file was saved. Save it as XLSX or as CSV UTF-8."),
    "title_unknown": _l("There is no such position. Copy its title from the empty list."),
    "workplace_needed": _l("Say whether this is a medico-social institution or another organisation."),
}
