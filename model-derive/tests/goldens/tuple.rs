struct Pair<D: Device>(Linear<D>, Linear<D>);
