model_runtime::check_manifest!(model_runtime::nn::Linear<model_runtime::Meta>, "no_such_file.manifest");

fn main() {}
