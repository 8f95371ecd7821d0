struct Relu;
