import ts from 'typescript';

/** The compiler. It is imported here only: bundled, each import of a CommonJS module copies its 2,500 names. */
export default ts;
