//! Indices of one byte: candle takes 255 for "no place", and would give zeros for the last row of a table of 256.

use model_runtime::prelude::*;

#[test]
fn the_last_of_256_rows_is_found_by_a_byte() {
    let table = Tensor::arange(0f32, 256.0, Cpu).unwrap().unsqueeze(1).unwrap();
    let ids = Tensor::new(&[255u8, 0], Cpu).unwrap();
    let column = ids.unsqueeze(1).unwrap();
    for picked in [table.embedding(&ids), table.index_select(&ids, 0), table.gather(&column, 0), table.i(&ids)] {
        assert_eq!(picked.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap(), [255.0, 0.0]);
    }
}

#[test]
fn the_last_of_256_rows_is_written_by_a_byte() {
    let table = Tensor::zeros((256, 1), DType::F32, Cpu).unwrap();
    let ids = Tensor::new(&[255u8], Cpu).unwrap();
    let column = ids.unsqueeze(1).unwrap();
    let one = Tensor::ones((1, 1), DType::F32, Cpu).unwrap();
    let last = |table: Result<Tensor<Cpu>>| table.unwrap().i((255, 0)).unwrap().to_scalar::<f32>().unwrap();
    assert_eq!(last(table.scatter(&column, &one, 0)), 1.0);
    assert_eq!(last(table.scatter_add(&column, &one, 0)), 1.0);
    assert_eq!(last(table.index_add(&ids, &one, 0)), 1.0);
    table.scatter_set(&column, &one, 0).unwrap();
    table.scatter_add_set(&column, &one, 0).unwrap();
    assert_eq!(last(Ok(table)), 2.0);
}
