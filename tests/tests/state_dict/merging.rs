//! `StateDict::merge`: the parts of a model from several files.

use model_runtime::prelude::*;

fn part(prefix: &str) -> StateDict {
    Linear::new(2, 2).init(Cpu).unwrap().state_dict().unwrap().add_prefix(prefix).unwrap()
}

#[test]
fn parts_from_several_files_load_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let saved = |name: &str, part: &StateDict| {
        part.save(folder.path().join(name)).unwrap();
        Checkpoint::open(folder.path().join(name)).unwrap().state_dict().unwrap()
    };
    let norm = BatchNorm2d::new(2).init(Cpu).unwrap().state_dict().unwrap().add_prefix("1").unwrap();
    let both = saved("a.pt", &part("0")).merge(&saved("b.safetensors", &norm)).unwrap();
    let net = Sequential::new((Linear::new(2, 2), BatchNorm2d::new(2)));
    net.load_state_dict(&both, Cpu).unwrap();
    assert_eq!(both.version("0"), Some(1));
    // The file without versions still has none for its modules.
    assert_eq!(both.version("1"), None);

    let less = both.filter(|key| key != "0.bias");
    let error = net.load_state_dict(&less, Cpu).unwrap_err().to_string();
    assert!(error.contains("a.pt and ") && error.contains("b.safetensors: "), "{error}");
}

#[test]
fn a_key_of_both_is_an_error_that_names_it() {
    let error = part("a").merge(&part("b")).unwrap().merge(&part("b")).unwrap_err().to_string();
    assert_eq!(
        error,
        "merge: both a state dict in memory and a state dict in memory have `b.weight`, `b.bias`; take them from one with \
         `filter`, or tell them apart with `add_prefix`"
    );
    let many: Vec<_> = (0..4).map(|index| part(&index.to_string())).collect();
    let many = many.iter().try_fold(StateDict::default(), |all, part| all.merge(part)).unwrap();
    let error = many.merge(&many).unwrap_err().to_string();
    assert!(error.contains("`0.weight`, `0.bias`, `1.weight`, `1.bias`, `2.weight` and 3 more;"), "{error}");
}

#[test]
fn storages_of_two_files_stay_two_also_when_they_are_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let parts = [part("a"), part("b")];
    let saved = ["a.pt", "b.pt"].map(path);
    let opened = [0, 1].map(|index| {
        parts[index].save(&saved[index]).unwrap();
        Checkpoint::open(&saved[index]).unwrap().state_dict().unwrap()
    });
    let both = opened[0].merge(&opened[1]).unwrap();
    assert_ne!(both.get("a.weight").unwrap().storage_id(), both.get("b.weight").unwrap().storage_id());
    both.save(path("both.pt")).unwrap();
    let read = |entry: &model_runtime::state_dict::Entry| {
        entry.read().unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    let again = Checkpoint::open(path("both.pt")).unwrap().state_dict().unwrap();
    for (key, entry) in parts.iter().flat_map(StateDict::iter) {
        assert_eq!(read(again.get(key).unwrap()), read(entry), "{key}");
    }
}
