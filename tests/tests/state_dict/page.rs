//! `docs/pytorch.md` names tests, and all of them exist.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut HashMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.insert(path.clone(), std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_test_that_the_page_names_exists_in_the_file_that_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = std::fs::read_to_string(root.join("docs/pytorch.md")).unwrap();
    let mut files = HashMap::new();
    sources(&root.join("tests/tests"), &mut files);
    sources(&root.join("model-runtime/src/checkpoint"), &mut files);
    let mut count = 0;
    for row in page.lines().filter(|line| line.matches('|').count() == 5) {
        let column = row.rsplit('|').nth(1).unwrap_or_default();
        for test in column.split('`').filter(|text| text.contains("::")) {
            let (module, name) = test.rsplit_once("::").unwrap();
            let file = module.replace("::", "/") + ".rs";
            let main = module.replace("::", "/") + "/main.rs";
            let function = format!("fn {name}()");
            let is_there = |(path, text): (&PathBuf, &String)| {
                (path.ends_with(&file) || path.ends_with(&main)) && text.contains(&function)
            };
            assert!(files.iter().any(is_there), "{test}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}
