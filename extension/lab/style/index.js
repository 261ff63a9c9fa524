import './panel.css';
import './table.css';
import './notebook.css';
