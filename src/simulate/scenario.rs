//! The course's scenario files: a line for each action, fields separated by tabs, nothing quoted.
//! `id, delay in µs, time in ms, register, user, e-mail, password` or `…, tweet, user, text` or
//! `…, follow|unfollow, user, name`.

use std::fs;
use std::path::Path;

use super::action::{Action, Deed};

/// Reads a file. An error is one line that names the file and the line in it.
pub(super) fn read(path: &Path) -> Result<Vec<Action>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|(line, error)| format!("{}, line {line}: {error}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Action>, (usize, String)> {
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).enumerate();
    let actions = lines.filter(|(_, line)| !line.is_empty());
    actions.map(|(at, line)| parse_line(line).map_err(|error| (at + 1, error))).collect()
}

fn parse_line(line: &str) -> Result<Action, String> {
    let mut fields = line.splitn(6, '\t');
    let mut next = |name| fields.next().ok_or_else(|| format!("there is no {name}"));
    let id = number(next("id")?)?;
    let delay_micros = number(next("delay")?)?;
    let _time: f64 = number(next("time")?)?;
    let word = next("action")?;
    let user = next("user")?.to_owned();
    let rest = next("text, name or e-mail")?;
    let deed = match word {
        "register" => {
            let (email, password) = rest.split_once('\t').ok_or("there is no password")?;
            Deed::Register { email: email.into(), password: password.into() }
        }
        "tweet" => Deed::Tweet { text: rest.into() },
        "follow" => Deed::Follow { whom: rest.into() },
        "unfollow" => Deed::Unfollow { whom: rest.into() },
        _ => return Err(format!("{word:?} is none of register, tweet, follow, unfollow")),
    };
    Ok(Action { id, delay_micros, user, deed })
}

fn number<T: std::str::FromStr>(field: &str) -> Result<T, String> {
    field.trim().parse().map_err(|_| format!("{field:?} is not a number that can be here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_as_it_stands() {
        let file = "1\t1000\t12\tregister\tAda Lovelace\tAda+L@x.org\t5'd@\"\\8s\n\
                    2\t0\t13\ttweet\tAda Lovelace\tShe said: \"tabs\there\"\r\n\
                    3\t7\t14\tfollow\tAda Lovelace\tBo Ek\n\n4\t7\t14\tunfollow\tA\tB";
        let actions = parse(file).unwrap();
        let deeds: Vec<_> = actions.iter().map(|action| action.deed.clone()).collect();
        assert_eq!(
            deeds,
            [
                Deed::Register { email: "Ada+L@x.org".into(), password: "5'd@\"\\8s".into() },
                Deed::Tweet { text: "She said: \"tabs\there\"".into() },
                Deed::Follow { whom: "Bo Ek".into() },
                Deed::Unfollow { whom: "B".into() },
            ]
        );
        assert_eq!((actions[0].id, actions[0].delay_micros), (1, 1000));
        assert_eq!(actions[0].user, "Ada Lovelace");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (line, told) in [
            ("x\t1\t1\ttweet\tA\tB", "\"x\" is not a number that can be here"),
            ("1\t1\t1\tshout\tA\tB", "\"shout\" is none of register, tweet, follow, unfollow"),
            ("1\t1\t1\tregister\tA\tB", "there is no password"),
            ("1\t1", "there is no time"),
        ] {
            let file = format!("1\t1\t1\ttweet\tA\tB\n{line}");
            assert_eq!(parse(&file), Err((2, told.to_owned())));
        }
    }
}
