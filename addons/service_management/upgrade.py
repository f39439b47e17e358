"""What migrations of the three addons share."""

import csv
from pathlib import Path

from odoo.tools import SQL


def renew_terms(env, module, lang, path):
    """Let translations of earlier versions give way to those of this one.

    Odoo keeps whatever a database has translated. What is still, to the letter, what an
    earlier version of the addon said is nobody's own: it is taken away here, and the
    addon's file, which Odoo reads right after post-migrations, fills the gap.

    :param path: csv of English terms and their former translations, without a heading;
        made by ``dev/former_terms.py``
    """
    former = set()
    with Path(path).open(encoding="utf-8", newline="") as file:
        former.update(map(tuple, csv.reader(file)))
    found = env["ir.model.data"]._read_group(
        [("module", "=", module), ("model", "in", list(env.registry))],
        ["model"],
        ["res_id:array_agg"],
    )
    for model, ids in found:
        for field in env[model]._fields.values():
            if field.translate and field.store and field.column_type:
                _renew_field(env, field, ids, lang, former)
    env.invalidate_all()


def _renew_field(env, field, ids, lang, former):
    names = {
        "table": SQL.identifier(env[field.model_name]._table),
        "field": SQL.identifier(field.name),
        "lang": lang,
    }
    for record_id, source, text in env.execute_query(
        SQL(
            """
            SELECT id, %(field)s->>'en_US', %(field)s->>%(lang)s
              FROM %(table)s
             WHERE id = ANY(%(ids)s) AND %(field)s->>%(lang)s IS NOT NULL
            """,
            **names,
            ids=ids,
        )
    ):
        renewed = _renew_text(field, source, text, lang, former)
        if renewed != text:
            env.cr.execute(
                SQL(
                    """
                    UPDATE %(table)s
                       SET %(field)s = jsonb_strip_nulls(
                               %(field)s || jsonb_build_object(%(lang)s, %(text)s))
                     WHERE id = %(id)s
                    """,
                    **names,
                    text=renewed,
                    id=record_id,
                )
            )


def _renew_text(field, source, text, lang, former):
    """The text without its former translations: in English, or none at all."""
    if field.translate is True:
        return None if (source, text) in former else text
    terms = field.get_translation_dictionary(source, {lang: text})

    def translate(renew):
        return field.translate(lambda term: renew(term, terms[term][lang]), source)

    if translate(lambda term, found: found) != text:
        return text  # built otherwise than the original: somebody's own
    return translate(lambda term, found: None if (term, found) in former else found)
