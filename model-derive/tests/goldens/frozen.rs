struct Net<D: Device> {
    #[module(frozen, flatten)]
    backbone: Backbone<D>,
    #[module(rename = "cls", frozen, default)]
    token: Param<D>,
}
