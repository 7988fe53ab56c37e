/** The part of Swagger UI that the reference uses. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface SwaggerUI {
    (options: Record<string, unknown>): unknown;
    presets: { apis: unknown };
  }
  const swaggerUi: SwaggerUI;
  export default swaggerUi;
}
