enum Pooling { Mean, Window(usize), }
