#[module(rename_all = "camelCase")]
struct Attention<D: Device> {
    in_proj_weight: Param<D>,
    #[module(rename = "out_proj")]
    out_proj: Linear<D>,
}
